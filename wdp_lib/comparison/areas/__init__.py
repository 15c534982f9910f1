"""Areas side by side: funnel, shrinkage, sums, the lowest area, parent areas."""
