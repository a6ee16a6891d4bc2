"""What each preset is for. Loads nothing, so that `drumsmith train --help` can show it at once."""

DESCRIPTIONS = {
    "paper": "the paper's plain network, width 64, latent 100; wants a GPU",
    "paper-z3": "the same with a latent space of three dimensions",
    "paper-progressive": "the same network, grown from 256 samples",
    "small": "a quarter of the width; hours on a CPU",
    "small-z3": "small with a latent space of three dimensions",
    "small-progressive": "small, grown from 256 samples",
    "small-fast": "departs from the paper for more sound per hour on a CPU",
    "drums": "the pretrained model's: tones and noise, no critic; an hour on a CPU",
    "demo": "minutes on a CPU: classes can be told apart",
    "tiny": "for tests: makes noise, in seconds",
}

RECOMMENDED = "drums"
"""What `drumsmith train` takes where no preset is named."""
