"""The shipped `.tflite` files and their cards."""
