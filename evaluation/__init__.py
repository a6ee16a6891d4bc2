"""How good the sounds are: metrics beside their real-data baseline, figures, reports."""
