"""Learning the default forecaster from development series; needs the optional group ``train``."""
