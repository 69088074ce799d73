"""Inference: what people are like, measured from what they did. One model a file; each fits arrays and knows nothing of files."""
