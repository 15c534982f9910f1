"""The risk of each target: state, outlook, class, and how sure we are."""
