"""Harmonic palettes, each with the moods it answers to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tui.demo.art.colour import Colour, adjust, from_hex, lightness, mix


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they do in a picture.

    The sky runs from `zenith` over `sky` to `horizon`; the land from `far`, near the horizon's
    tone, to `near`, the darkest mass; `light` is sun, moon and lamps; `accent` the one colour
    that does not belong.
    """

    name: str
    moods: frozenset[str]
    zenith: Colour
    sky: Colour
    horizon: Colour
    far: Colour
    near: Colour
    light: Colour
    accent: Colour

    @property
    def dark(self) -> bool:
        """Whether the sky is a night sky."""
        return lightness(self.sky) < 0.5

    @property
    def ground(self) -> Colour:
        """Between far and near."""
        return mix(self.far, self.near, 0.5)

    def spectrum(self) -> list[Colour]:
        """From the darkest over the sky to the light: what abstract pictures are toned with."""
        return [
            self.near,
            *sorted((self.far, self.zenith, self.sky, self.horizon), key=lightness),
            self.light,
        ]

    def turned(self, turn: float, chroma: float = 1.0) -> Palette:
        """The same relations with every hue turned by `turn` radians."""
        return self._each(lambda colour: adjust(colour, turn=turn, chroma=chroma))

    def tinted(self, tint: Colour, amount: float) -> Palette:
        """Drawn towards the hue of `tint`; lightness stays, and light and accent move less."""

        def drawn(colour: Colour, amount: float) -> Colour:
            wanted = adjust(tint, lightness=lightness(colour) - lightness(tint))
            return mix(colour, wanted, amount)

        return replace(
            self,
            zenith=drawn(self.zenith, amount), sky=drawn(self.sky, amount),
            horizon=drawn(self.horizon, amount), far=drawn(self.far, amount),
            near=drawn(self.near, amount), light=drawn(self.light, amount * 0.4),
        )  # fmt: skip

    def accented(self, accent: Colour) -> Palette:
        """With another accent."""
        return replace(self, accent=accent)

    def _each(self, change: Callable[[Colour], Colour]) -> Palette:
        return replace(
            self,
            zenith=change(self.zenith), sky=change(self.sky), horizon=change(self.horizon),
            far=change(self.far), near=change(self.near), light=change(self.light),
            accent=change(self.accent),
        )  # fmt: skip


#          name            moods                                     zenith  sky     horizon far     near    light   accent
_TABLE = """
midnight     | night moon quiet dream                                | 0a1028 1b2d57 5a6fa0 33456f 070a1a f8ecc4 e8803f
lagoon night | night sea moon mystery water                          | 05141d 0e3a47 4f9692 28626a 030e15 f3efd2 eaa24e
violet hour  | night dusk dream magic neon                           | 170b30 43236a a4609c 5f3579 0d0720 ffdcb6 ff7a59
aurora       | night aurora snow magic cold                          | 050b1e 0f3148 3fae92 165463 030712 d0ffe0 9a86ff
lamplight    | night lamp warm interior quiet old                    | 120d10 3a2118 a8622c 5b3420 0b0708 ffdd9a d9502e
cobalt       | night city cold rain electric                         | 060b22 13266b 4d7be0 22429a 04071a e9f3ff ff9d3c
neon         | neon night city future electric                       | 0b0620 2a0f5a d02f8e 4a1f86 06030f 7ff6ff ffd23e
noir         | noir night mystery city old rain                      | 0d0e10 2b2d31 8b8c8a 4b4d50 050506 f4efe2 c8392e
ember        | sunset fire warm drama evening                        | 2b1a40 a63c57 f79f56 823a58 180e22 ffe6a6 f2c14e
tangerine    | sunset sea warm evening travel                        | 27405f c9675f fcc27c 7a5068 1a1f33 fff0c2 e8453c
flamingo     | sunset evening romance tropic                         | 4b3a73 d8688c ffc3a0 94517f 241a3f fff1d0 2fb5b0
desert dusk  | sunset desert warm ruin old                           | 54446b c9786a f6c99a a0594f 3a1d2a fff0ce 3f8f94
rose dawn    | dawn morning soft spring romance                      | 5d6e9d c79fb8 fadcc6 b597b6 3b2e50 fff6e0 e0526f
apricot      | dawn morning warm soft autumn                         | 7f9db0 efc39d fde8c9 c69a87 46333d fffaea d1503f
mint dawn    | dawn morning fresh spring mist                        | 5f93a0 a9d0c4 f5ecd0 8fb3a6 22444a fffbe9 ee7b50
clear day    | day summer sky travel fresh                           | 2c6ba6 7db5d3 e9eedd 8ab2bf 1b464f fffbe6 e9582f
high summer  | summer day field farm joy                             | 2f7fae 8fc7cd fbeec0 9fb765 2b4a2b fffbe0 e64b36
meadow       | summer spring day field green                         | 4f97a3 a6cfb4 f6efc9 93b37a 23432f fffce6 f0663f
orchard      | spring garden joy flower                              | 6fa3a8 bfd9c0 fdf1dc a9bf8c 3f5640 fffdf2 ee6f8d
blossom      | spring flower romance soft                            | 8799b8 e0b8c6 fdeee6 d8a3b4 5b3750 fffaf2 d43f6b
frost        | snow winter cold day quiet                            | 6c8db0 b1c8da f0f1ee a3b9cc 293f57 ffffff e0662b
alpenglow    | snow winter dawn mountain drama                       | 47608f b295ba fbd0bb c6a6bb 2a3153 fff8ea e8574a
blue hour    | winter snow night dusk quiet                          | 1b2f58 486a9e b9c7dc 6f8cb5 101d38 ffe9b8 f08a3e
glacier      | ice cold winter mountain fresh                        | 1f5f7f 67a9bb e6f2ec 7fb3c0 0f3244 ffffff f2784b
marine       | sea day water ship travel                             | 1f5f8a 6fb2c4 f1ead0 5d9cab 0c3346 fffbe8 e2492f
tropic       | sea tropic summer water joy                           | 0f7e9b 58c4bf fdf0c8 3aa79d 0b4250 fffdec ff6b4a
north sea    | sea storm cold rain drama                             | 2b3d4a 6e8590 cfd2c6 5b727b 101e27 f6f0dc d9822b
tempest      | storm rain drama dark sea                             | 161d2a 3f4c5e a9a998 4b5a67 0a0f17 f3e7bb c9a227
slate        | rain storm city quiet mist                            | 39424d 77838c c9c9c2 69757d 151b22 f5ead2 e2703a
fern         | forest green mist quiet                               | 2c5a4e 86b092 e9ecc9 6f9b80 0f2a25 fffbdd e8743b
moss         | forest green old ruin                                 | 2f4a34 7d9560 e2d9a1 62804f 12211a fff4c4 d95b2b
pine fog     | forest mist mountain cold                             | 3d5f66 93b1ad e6e9dc 6f938f 14292d fdf8e6 df7a3c
jungle       | forest tropic green wild                              | 06382f 1f7a52 bcd67e 2f7d55 051d1a fbf6b4 ff6f4f
maple        | autumn forest warm                                    | 5b5a6b c99a6c fbe0a8 b9713f 33191b fff3cf c8321f
rust         | autumn old ruin warm metal                            | 44525c a98d78 ecd3a7 9a5a3c 261613 fff1cf 2f8f8b
harvest      | autumn field farm food warm                           | 6c8a95 dcbc84 fbe9b8 c98f3e 3f2418 fff8dc b03a2a
dune         | desert warm day sand                                  | 4f93a8 cfc7a2 fbe6bd dd9b61 5b2a22 fffae2 1f7f8b
terracotta   | desert ruin warm pottery day                          | 3f7f91 d8b08c fbe3c3 c97850 4a1e1c fff6e0 f2b33d
forge        | fire war metal dark drama                             | 140708 5a130f e8591c 8a2314 0a0405 ffe08a ffb52e
lava         | fire volcano night drama                              | 16060f 4a0f26 ff6a2b 7d1b2c 0c040a fff0a0 ff3d2e
sumi         | ink paper old quiet                                   | e9e2d2 efe9dc f6f1e6 a9a59b 16171a fffaf0 b8321f
indigo print | ink water cloth sea                                   | d9dccf b9c8c9 f1ead6 5f86a3 142a4f fffaea c8452f
sepia        | old paper portrait noir                               | 4a382a 9c7b57 e4cda3 7d5f43 201711 fff3d6 a33b20
gilded       | gold portrait magic romance metal                     | 1a1410 5c4018 d9a83f 8a6322 0f0a07 fff0bf 2f7f72
oxblood      | portrait drama romance old interior                   | 1f0d12 5d1a24 c9705a 7a2a31 10070a fbe3c4 d9a441
umber        | portrait old interior quiet                           | 1d1814 4e3c2c b58a5e 6f5238 0e0b09 f9e6c8 8fa39a
candy        | joy food pop future                                   | 5b7bd5 f29ac0 ffe7c9 a98be0 3a2470 fffbf0 ff5c5c
sherbet      | joy soft pop dream                                    | 7fb7c9 ffd0b5 fff2d6 f7a8a8 5a4b7c fffdf4 3fb89a
bauhaus      | geometry pop old paper                                | 2f5d8c e8ddc4 f4ecd8 dba53a 1d1b1c fffaf0 d33a2c
seventies    | pop warm old music                                    | 264653 e9c46a f6e3b4 e07a3f 3b1f2b fff5da 2a9d8f
riso         | pop future geometry city                              | 2b3a8f ff7aa2 fff1dc 6f83d6 1a1a4b fffdf4 ffcf33
cosmos       | space night future mystery                            | 04050f 1d1648 8d4fa8 3b2a86 02020a ffeccb ff8b4d
nebula       | space magic night dream                               | 030813 0f2f55 e0708a 2d5f93 02040b fff3d0 58e0d0
mars         | space desert future                                   | 1d0f17 7a3326 eab07a a94f33 140a0d fff3d8 5fb4c4
deep         | water deep dark mystery                               | 02222f 06566a 55c0b4 0c6a75 011018 f3fbd0 ff9950
pond         | water garden green quiet                              | 1d4a4a 5e9a82 dfe6b4 4a8268 0c2426 fffbe0 f08fa6
""".strip()  # fmt: skip


def _parsed(line: str) -> Palette:
    name, moods, colours = (part.strip() for part in line.split("|"))
    return Palette(name, frozenset(moods.split()), *(from_hex(text) for text in colours.split()))


PALETTES = tuple(_parsed(line) for line in _TABLE.splitlines())
