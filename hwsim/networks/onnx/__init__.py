"""Networks from ONNX: every operator by its shape, every constant by its value."""
