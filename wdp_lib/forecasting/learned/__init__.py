"""The default forecast: a prior learned from many real annual series, a correction of it."""
