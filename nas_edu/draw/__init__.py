"""Architecture graphs and plots: plain functions from data to a picture."""
