"""The words the painter knows: which scene, mood, weather, subject, technique or colour each names.

Words are in their simplest form, lower case, without accents; some of the commonest words of other
languages are among them, and single ideographs.
"""

from __future__ import annotations


def _by_word(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """The table turned round: for every word the names it stands for."""
    found: dict[str, tuple[str, ...]] = {}
    for name, words in table.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), name)
    return found


PHRASES = {
    "still life": "stilllife",
    "black and white": "monochrome",
    "northern lights": "aurora",
    "starry night": "starrynight",
    "outer space": "space",
    "low poly": "lowpoly",
    "low-poly": "lowpoly",
    "stained glass": "stainedglass",
    "pixel art": "pixelart",
    "8-bit": "pixelart",
    "hot air balloon": "balloon",
    "linocut": "woodcut",
    "science fiction": "scifi",
    "sci-fi": "scifi",
    "art deco": "deco",
    "golden hour": "sunset",
    "blue hour": "dusk",
    "van gogh": "gogh",
    "ukiyo-e": "ukiyo",
    "line art": "pencil",
    "cherry blossom": "sakura",
    "full moon": "moon",
    "crescent moon": "crescent",
    "milky way": "galaxy",
    "coffee cup": "cup",
}

# Words that settle the scene, and words that merely suggest it.
SCENES = _by_word(
    {
        "mountains": "mountain mount peak summit alps alpine himalaya cliff canyon ridge range rock volcano fjord everest fuji patagonia andes montana berg berge gebirge montagne 山 峰 dragon eagle hike climber climb",
        "hills": "hill field farm meadow countryside valley tuscany vineyard pasture village prairie grass grassland shire barn wheat rural landscape steppe feld campo champ colline 田 野 草 原 tractor cottage road train railway cow sheep",
        "dunes": "dune desert sahara sand camel oasis nomad caravan mirage pyramid egypt savanna savannah desierto wuste 沙 漠 mesa cactus",
        "sea": "sea ocean wave surf beach coast coastline shore harbour harbor port bay island lagoon sail sailor ship boat fisherman fishing pier dock storm tide pirate lighthouse keeper net seaside mermaid mar mer meer ozean oceano plage strand 海 波 浪 洋 岛 島 港 lake river see lago lac canal venice",
        "woods": "forest wood woods woodland jungle grove tree pine fir birch redwood bamboo fern moss glade deer fairy elf druid mushroom bosque foret wald floresta 林 森 木 树 樹 trail camp",
        "city": "city town street skyline skyscraper downtown urban metropolis building tower tokyo york london paris shanghai hongkong manhattan chicago berlin neon cyberpunk traffic taxi market subway metro alley rooftop cafe ville ciudad stadt citta cidade 城 街 市 都 bridge car detective crowd apartment",
        "cosmos": "space galaxy nebula planet cosmos cosmic universe astronaut star asteroid comet orbit saturn jupiter alien spaceship starship rocket satellite interstellar supernova espacio weltraum 宇 星 空间 scifi wormhole moonbase",
        "lanterns": "lantern candle lamp festival diwali firefly fireworks lampion glow light celebration birthday fest laterne farol 灯 燈 提 lights carnival",
        "still_life": "stilllife vase bottle bowl fruit pear apple orange lemon jug cup tea coffee kitchen table bread cheese wine glass teapot plate food breakfast pottery ceramic jar soup cake kettle pizza burger pasta sushi noodle ramen recipe chocolate banana strawberry cherry grape tomato egg honey dinner lunch meal spoon candle 茶 瓶 果 product perfume shoe book clock object",
        "bloom": "flower rose tulip poppy sunflower bouquet garden bloom blossom peony daisy dahlia lily lotus orchid petal butterfly bee botanical floral hibiscus sakura lavender iris fleur flor blume fiore 花 樱 桜 玫 莲 蝶 hummingbird",
        "portrait": "portrait face headshot selfie bust retrato bildnis ritratto visage 像 脸 顔 肖 profile mugshot avatar",
        "hall": "hall corridor arch cathedral church temple palace monastery library museum ruin interior room door gate stair staircase cloister mosque abbey tunnel cellar dungeon vault labyrinth architecture column colonnade portal passage court throne crypt 庙 寺 宫 門 门 殿",
        "depths": "underwater coral reef jellyfish fish diver submarine deep abyss aquarium kelp octopus squid shark turtle seahorse atlantis pez fisch poisson 鱼 魚 underwater mermaid dolphin seabed",
        "currents": "wind flow current swirl vortex music jazz dance dancer motion energy dream dreamy emotion hair storm river starrynight gogh expressionist movement whirl breeze joy chaos silk symphony song melody rhythm 风 風 夢 梦 音",
        "marble": "marble liquid fluid smoke ink agate stone crystal geode lava molten oil pour psychedelic texture gem jade opal mineral amber metal gold silver alchemy 石 玉 金 云 雲 cell microscopic brain mind memory time",
        "geometry": "geometry geometric bauhaus abstract poster logo minimal minimalist minimalism shape circle square triangle line grid kandinsky mondrian suprematist constructivist design icon graphic vector pattern modernist deco album cover math 几何",
    }
)
SURE_SCENES = 2.0

SUBJECTS = _by_word(
    {
        "fox": "fox vixen zorro renard fuchs volpe raposa 狐 kitsune",
        "wolf": "wolf wolves dog puppy husky coyote lobo loup werewolf hound 狼 狗 犬 hund perro chien",
        "cat": "cat kitten kitty gato katze gatto feline panther tiger lion leopard lynx 猫 貓 虎",
        "owl": "owl buho hibou eule 鸮 梟",
        "deer": "deer stag elk moose reindeer antelope hirsch ciervo cerf 鹿 horse unicorn",
        "rabbit": "rabbit bunny hare hase conejo lapin 兔 兎",
        "birds": "bird crow raven gull seagull swallow swan goose geese crane heron flock sparrow eagle hawk oiseau pajaro vogel 鸟 鳥",
        "whale": "whale orca leviathan ballena baleine wal 鲸 鯨",
        "fish": "koi goldfish salmon trout carp",
        "lighthouse": "lighthouse faro phare leuchtturm 灯塔 keeper",
        "sailboat": "sailboat boat yacht sail sailor regatta fisherman fishing barca bateau boot 船 舟 canoe kayak harbour harbor",
        "ship": "ship galleon pirate frigate vessel schiff barco",
        "house": "house home cottage cabin hut farm farmhouse barn village casa maison haus 家 屋 chalet",
        "castle": "castle fortress palace citadel kingdom castillo chateau schloss burg 城堡 king queen princess wizard",
        "windmill": "windmill mill dutch holland netherlands turbine",
        "tree": "tree oak maple willow baobab bonsai arbol arbre baum albero sakura",
        "balloon": "balloon zeppelin airship blimp",
        "gate": "torii shrine shinto japan kyoto japanese 鸟居 神",
        "tent": "tent camp camping campfire nomad circus yurt",
        "figure": "figure silhouette man woman girl boy person child traveler traveller wanderer monk samurai warrior knight wizard witch detective people human lady gentleman stranger hiker pilgrim soldier ghost poet dancer pianist musician children family friend president mother father kid nurse doctor teacher scientist artist farmer shepherd keeper explorer astronaut umbrella king queen princess elf hombre mujer homme femme frau mann nina 人 女 男 侠 僧",
        "rocket": "rocket spaceship spacecraft starship shuttle astronaut 火箭",
        "robot": "robot android cyborg mech machine droid automaton ai 机 器",
        "mushroom": "mushroom fungus toadstool seta champignon pilz 菇",
    }
)
PEOPLE = frozenset(
    "man woman girl boy person child monk samurai warrior knight wizard witch people human lady "
    "gentleman king queen princess poet dancer actor actress model keeper 人 女 男".split()
)
# Where a subject is at home when no word of the prompt says otherwise.
HOMES = {
    "fox": "woods", "wolf": "mountains", "owl": "woods", "deer": "woods", "rabbit": "hills",
    "birds": "sea", "whale": "sea", "fish": "depths", "lighthouse": "sea", "sailboat": "sea",
    "ship": "sea", "house": "hills", "castle": "mountains", "windmill": "hills", "tree": "hills",
    "balloon": "mountains", "gate": "mountains", "tent": "woods", "rocket": "cosmos",
    "robot": "city", "mushroom": "woods",
}  # fmt: skip

MOODS = _by_word(
    {
        "night": "night midnight nocturnal dark darkness noche nuit nacht notte noite 夜 moonlight moonlit starry starrynight moon star lantern vampire halloween",
        "moon": "moon moonlight moonlit luna lune mond crescent 月 werewolf",
        "sunset": "sunset sundown evening twilight sunlit golden ocaso coucher abend tramonto 夕 暮 黄昏 samurai western",
        "dusk": "dusk twilight gloaming dusky",
        "dawn": "dawn sunrise morning daybreak amanecer aube morgen alba 晨 朝 曙",
        "day": "day noon midday sunny daylight sunshine bright summer beach dia jour tag 日 昼 晴",
        "spring": "spring primavera printemps fruhling april may 春 fresh blossom sakura easter",
        "summer": "summer verano sommer ete july august 夏 hot holiday vacation sunny",
        "autumn": "autumn fall october november harvest pumpkin otono herbst automne autunno 秋 foliage",
        "winter": "winter december january frozen frost icy snow snowy christmas blizzard invierno hiver 冬 雪 arctic antarctic polar",
        "snow": "snow snowy blizzard snowfall nieve neige schnee neve 雪 ski christmas",
        "cold": "cold ice icy frozen frost glacier arctic antarctic polar chill freezing hielo eis glace 冰 penguin",
        "ice": "ice glacier iceberg icicle frozen 冰",
        "fire": "fire flame burning blaze inferno dragon phoenix lava volcano explosion hell demon fuego feu feuer fuoco 火 炎 battle war",
        "volcano": "volcano lava magma eruption",
        "war": "war battle soldier army apocalypse warrior gladiator",
        "storm": "storm thunder lightning tempest hurricane typhoon tornado tormenta sturm orage 雷 嵐",
        "rain": "rain rainy drizzle wet umbrella lluvia pluie regen pioggia 雨",
        "mist": "fog mist foggy misty haze smoke steam niebla nebel brume 雾 霧 ghost",
        "sea": "sea ocean wave beach harbour harbor ship boat sailor island whale coast mar mer meer 海 lighthouse surf",
        "water": "water lake river pond underwater aqua rain reflection swim agua eau wasser 水 湖 河 koi lotus lily",
        "forest": "forest wood jungle tree fern moss leaf bosque foret wald 林 森 deer fox camp",
        "green": "jungle leaf grass moss eco nature plant natural",
        "tropic": "tropical tropic palm hawaii caribbean jungle parrot paradise bali coconut hibiscus rainforest",
        "desert": "desert sand dune sahara camel egypt cactus mars western cowboy 沙 漠",
        "city": "city urban street skyline skyscraper downtown tokyo york london neon cyberpunk traffic stadt ville ciudad 城 街",
        "neon": "neon cyberpunk synthwave vaporwave retrowave arcade laser hologram cyber glitch disco club",
        "electric": "electric energy lightning robot ai technology laser digital circuit",
        "future": "future futuristic scifi robot cyborg android technology cyberpunk hologram spaceship ai space",
        "space": "space galaxy nebula planet cosmos cosmic universe astronaut orbit alien star 宇 星",
        "magic": "magic magical fantasy wizard witch fairy enchanted spell unicorn dragon mystic elf myth 魔 仙",
        "dream": "dream dreamy surreal surrealism dali ethereal fantasy sleep imagination 梦 夢",
        "mystery": "mystery mysterious secret detective ghost haunted spooky horror eerie strange gothic",
        "romance": "love romance romantic kiss wedding heart couple amor amour liebe 爱 愛 valentine rose ballet",
        "lamp": "lamp lamplight lantern candle candlelight firelight fireplace hearth glow lit 灯 燈",
        "warm": "warm cozy cosy home tea coffee hearth bread autumn blanket",
        "interior": "interior room kitchen library cafe bedroom studio tavern indoors still stilllife",
        "old": "old ancient antique vintage retro medieval victorian weathered aged historic renaissance baroque rembrandt vermeer caravaggio ruin classic grandmother grandfather nostalgia",
        "ruin": "ruin temple abandoned ancient roman greek overgrown castle aztec maya",
        "quiet": "quiet calm peaceful serene silence alone lonely solitude zen meditation still minimal melancholy",
        "soft": "soft pastel gentle delicate tender cute baby kawaii dreamy",
        "joy": "joy happy fun party cute playful toy candy birthday balloon colorful colourful rainbow carnival circus cartoon",
        "pop": "pop comic cartoon sticker warhol retro poster colorful colourful vibrant funky disco groovy album",
        "music": "music jazz guitar piano band song vinyl disco funk soul saxophone",
        "garden": "garden flower plant butterfly bee botanical vegetable greenhouse",
        "flower": "flower rose tulip blossom bloom petal peony sakura bouquet 花 樱 桜",
        "field": "field meadow wheat grass prairie countryside",
        "farm": "farm barn tractor cow sheep hay village rural harvest",
        "mountain": "mountain peak summit alps alpine 山",
        "travel": "travel journey train road balloon adventure airplane map traveler voyage",
        "drama": "dramatic epic cinematic intense powerful heroic opera thriller movie dragon",
        "gold": "gold golden gilded klimt treasure crown luxury byzantine deco jewel 金",
        "metal": "metal steel iron bronze copper brass robot machine steampunk armor armour knight silver chrome",
        "portrait": "portrait face woman man girl boy queen king lady retrato 女 男",
        "food": "food fruit bread cake cheese pasta pizza burger breakfast dessert noodle ramen sushi soup",
        "pottery": "pottery ceramic clay terracotta vase jug",
        "ink": "ink calligraphy sumi brush chinese japanese haiku zen woodblock 墨 水墨",
        "paper": "paper origami letter map sketch drawing book collage papercut",
        "cloth": "cloth indigo denim batik textile fabric kimono quilt",
        "geometry": "geometry geometric bauhaus abstract mondrian kandinsky logo poster",
        "noir": "noir detective gangster spy monochrome film crime hitchcock shadow",
        "deep": "deep abyss underwater submarine",
        "aurora": "aurora borealis polarlicht",
        "wild": "wild jungle safari tiger lion parrot",
        "fresh": "fresh mint clean healthy lemon lime",
        "sand": "sand beach dune",
        "evening": "evening dusk",
        "morning": "morning breakfast",
        "sky": "sky cloud fly flying airplane bird kite",
    }
)

TRAITS = _by_word(
    {
        "snow": "snow snowy blizzard snowfall nieve neige schnee neve 雪 christmas ski winter",
        "ice": "ice glacier iceberg icy frozen 冰 winter",
        "rain": "rain rainy drizzle downpour lluvia pluie regen pioggia 雨 noir",
        "storm": "storm stormy thunder tempest hurricane typhoon sturm 嵐 雷",
        "fog": "fog foggy mist misty haze brume nebel 雾 霧",
        "clouds": "cloud cloudy overcast clouds 云 雲",
        "stars": "star starry stars starrynight galaxy estrella etoile stern 星 astronomy",
        "aurora": "aurora borealis polarlicht",
        "sunset": "sunset sundown evening 夕 暮 tramonto western",
        "dawn": "dawn sunrise daybreak 曙 朝",
        "crescent": "crescent",
        "autumn": "autumn fall october november herbst otono automne 秋 foliage maple",
        "leaves": "autumn leaf leaves foliage 秋",
        "petals": "sakura petal blossom spring 桜 樱 wedding",
        "sparks": "fire firefly spark ember flame magic magical fairy festival fireworks 火 dragon phoenix forge lava enchanted",
        "string": "string hanging market street festival",
        "coast": "coast harbour harbor shore bay island beach port lighthouse cliff 港 岛 fjord",
        "man": "man boy king samurai monk knight gentleman keeper fisherman soldier grandfather father wizard pirate sailor viking prince actor poet 男 hombre homme mann einstein",
        "beard": "beard bearded fisherman sailor wizard grandfather viking pirate lumberjack keeper king santa hermit",
        "lake": "lake river reflection pond lac lago fjord 湖",
        "turban": "pearl vermeer turban scarf wrap",
        "old": "old elderly aged grandmother grandfather weathered ancient wise",
        "ring": "saturn ring",
        "umbrella": "umbrella parasol",
        "lamp": "lamp lamplight lantern torch keeper candle",
        "pine": "pine fir spruce conifer christmas taiga",
        "mountain": "mountain alps",
    }
)

TECHNIQUES = _by_word(
    {
        "oil": "oil impasto rembrandt vermeer caravaggio renaissance baroque canvas painting painted painterly masterpiece turner sargent oleo olgemalde 油",
        "impression": "impressionist impressionism monet gogh pointillism seurat renoir starrynight expressionist",
        "watercolour": "watercolour watercolor aquarelle wash acuarela aquarell acquerello 彩",
        "gouache": "gouache tempera acrylic ghibli storybook picturebook illustration illustrated",
        "ink": "ink sumi calligraphy brushwork tinta tusche encre 墨",
        "woodcut": "woodcut engraving etching linocut woodblock ukiyo print hokusai lithograph durer",
        "pencil": "pencil sketch graphite charcoal drawing drawn doodle lapiz crayon bleistift blueprint manga",
        "pixels": "pixel pixelart pixelated voxel retrogame minecraft nintendo arcade sprite",
        "glass": "stainedglass cathedralglass tiffany",
        "mosaic": "mosaic tile tesserae byzantine",
        "facets": "lowpoly polygon polygonal cubist cubism picasso faceted origami papercraft crystal",
        "halftone": "comic halftone riso risograph screenprint warhol lichtenstein pop zine",
        "glitch": "glitch vhs cyberpunk vaporwave hologram crt datamosh corrupted",
        "monochrome": "monochrome noir grayscale greyscale bw blackandwhite daguerreotype hitchcock",
        "plain": "photo photograph photography realistic photorealistic render cinematic film camera lens 3d unreal octane vector flat digital minimal minimalist airbrush bokeh",
    }
)

COLOURS = {
    word: tint
    for tint, words in {
        "#c8322f": "red crimson scarlet ruby vermilion rojo rouge rot rosso vermelho 红 赤 紅",
        "#e8792c": "orange tangerine naranja rust copper 橙",
        "#efc23a": "yellow golden gold lemon amarillo jaune gelb saffron mustard honey 黄",
        "#4f9a54": "green verde vert grun emerald olive lime 绿 緑",
        "#1f8f8a": "teal turquoise cyan aqua aquamarine mint 青",
        "#2f66b8": "blue azul bleu blau azure cobalt navy indigo sapphire 蓝",
        "#7a45b0": "purple violet lila morado lavender mauve amethyst lilac 紫",
        "#e0709f": "pink rosa magenta fuchsia coral 粉",
        "#7b5233": "brown bronze chocolate sepia marron braun tan walnut",
        "#15161a": "black negro noir schwarz obsidian ebony 黑 黒",
        "#f1eee6": "white blanco blanc weiss ivory pearl 白",
        "#85898c": "grey gray gris grau silver ash",
        "#0f8f6a": "jade malachite 翠",
        "#7c1f2e": "burgundy maroon wine oxblood",
    }.items()
    for word in words.split()
}

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "one single lone",
            "two pair twin",
            "three trio 三",
            "four 四",
            "five 五",
            "six 六",
            "seven 七",
            "eight 八",
            "nine 九",
            "ten 十",
            "eleven",
            "twelve dozen",
        ),
        start=1,
    )  # fmt: skip
    for word in words.split()
}

COMMON = frozenset(
    "a an the of in on at by with and or to for from into over under near its his her their is are "
    "was this that as very style art picture image painting drawing photo high quality detailed "
    "best ultra realistic 4k 8k hd de la el le les der die das und et y o en un una".split()
)
