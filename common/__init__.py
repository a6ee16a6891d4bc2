"""What every room needs: the user's error, publishing by rename, progress."""
