"""Groups and areas compared."""
