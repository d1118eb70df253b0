"""The optimizer: Adam with a clipped gradient and weight decay."""
