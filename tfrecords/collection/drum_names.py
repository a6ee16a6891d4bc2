"""What sample libraries call common drums: label -> words and phrases, built in.

A phrase matches words that follow each other in a name: "open hat" is in "909_Open-Hat_03". Where
several match, the longest counts, so that "open hat" beats "hat".
"""

DRUM_NAMES: dict[str, tuple[str, ...]] = {
    "kick": (
        *("bd", "kick", "kik", "kck", "kd", "bassdrum", "bass drum", "kick drum", "kickdrum"),
        *("bdrum", "bombo", "grosse caisse"),
    ),
    "snare": (
        *("sd", "sn", "snr", "snare", "snare drum", "snaredrum", "caja", "caisse claire"),
        *("snare rim", "snare rimshot"),
    ),
    "rim": ("rim", "rs", "rimshot", "rim shot", "sidestick", "side stick", "cross stick", "xstick"),
    "clap": ("clap", "cp", "handclap", "hand clap", "clp"),
    "tom": (
        *("tom", "tt", "lt", "mt", "ht", "floor tom", "rack tom", "low tom", "mid tom", "hi tom"),
        *("high tom", "tomtom", "tom tom", "lowtom", "midtom", "hitom"),
    ),
    "closed_hat": (
        *("ch", "chh", "hhc", "closed hat", "closed hihat", "closed hi hat", "hat closed"),
        *("hihat closed", "hi hat closed", "closedhat", "closedhh", "closed hh", "hh closed"),
        *("clhat", "cl hat", "clhh", "hat c", "pedal hat", "pedal hihat", "pedal hi hat"),
        *("hh pedal", "hihat pedal", "hat pedal"),
    ),
    "open_hat": (
        *("oh", "ohh", "hho", "open hat", "open hihat", "open hi hat", "hat open", "hihat open"),
        *("hi hat open", "openhat", "openhh", "open hh", "hh open", "ophat", "op hat", "hat o"),
    ),
    "hat": ("hh", "hat", "hihat", "hi hat", "hht"),
    "crash": ("crash", "cr", "crsh", "crash cymbal"),
    "ride": ("ride", "rd", "ride cymbal", "ride bell"),
    "cymbal": ("cymbal", "cym", "cy", "cymb", "splash", "china", "splash cymbal", "china cymbal"),
    "cowbell": ("cowbell", "cow bell", "cb", "cow"),
    "conga": ("conga", "cga"),
    "bongo": ("bongo", "bngo"),
    "shaker": ("shaker", "shkr", "maraca", "maracas", "cabasa"),
    "tambourine": ("tambourine", "tamb", "tamborine", "tmb"),
    "clave": ("clave", "claves", "woodblock", "wood block"),
    "percussion": ("perc", "percussion"),
}

GENERAL = frozenset(("hat", "cymbal", "percussion"))
"""Labels that give way to a closer one in the same name: "cymbal crash" is a crash."""
