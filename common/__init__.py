"""What every folder needs: the user's error, publishing by rename, progress."""
