"""The pretrained model made one's own: `drumsmith tune`."""
