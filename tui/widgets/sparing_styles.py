"""How widgets are styled that are styled again and again."""

from __future__ import annotations

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

# The same thing, an object's identity. Textual's is Python, and called for each rule that there is
# whenever a node is styled.
RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]


class SparingStylesheet(Stylesheet):
    """A style sheet that works out component styles in the nodes that they have already.

    Textual (8.2) makes a node for each component class of a widget whenever the widget is styled,
    that is, whenever the focus goes elsewhere. Each comes to fifty objects in rings, which lie
    about until Python looks for garbage: most of what there was to look through.
    """

    def _process_component_classes(self, node: DOMNode) -> None:
        components = node._get_component_classes()
        known = node._component_styles
        has_changed = False
        for component in sorted(components):
            if (styles := known.get(component)) is None or (inner := styles.node) is None:
                inner = DOMNode(classes=component)
                inner._attach(node)
                known[component] = inner.styles
            base = inner.styles.base
            before = base.get_rules()
            # A rule that does not hold any longer leaves nothing behind.
            base.reset()
            self.apply(inner, animate=False)
            has_changed = has_changed or base.get_rules() != before
        if has_changed:
            node.refresh()
