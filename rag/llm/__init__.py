"""Language models: specs, prompts, the queue, the embedded engine and its weights."""
