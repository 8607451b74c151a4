"""Reader studies: films read blind, answers that no crash loses, and what the model's advice changed. No Streamlit, no PyTorch."""
