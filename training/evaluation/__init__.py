"""How good the sounds are: metrics beside their floor, figures, reports."""
