"""A drum as tones and noise: what a sound is taken apart into, and made from again.

Below 560 Hz a drum is a few tones, each a level, a pitch and a first phase; above, it is noise with
a level that changes over time and frequency, out of which lines may stand. Serra and Smith,
"Spectral modeling synthesis", Computer Music Journal 14, 1990; Engel et al., "DDSP", ICLR 2020. A
network that makes levels and pitches has no phases to get wrong, where the mean of two waveforms of
different pitch beats.
"""
