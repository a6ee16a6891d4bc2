"""What every room of the house needs: one error for the user's mistakes, publishing by rename, progress."""
