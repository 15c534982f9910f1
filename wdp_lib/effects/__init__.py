"""Effects of measures: what a claim rests on, its design, its estimate and the level of the claim."""
