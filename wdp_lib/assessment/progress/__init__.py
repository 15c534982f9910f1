"""What other published methods say of the progress towards each target."""
