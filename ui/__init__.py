"""The web page (Gradio) over `rag`."""
