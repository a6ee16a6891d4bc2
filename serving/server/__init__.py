"""The embedded server: TF Serving's gRPC and REST interfaces in one Python process."""
