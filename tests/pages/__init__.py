"""The pages, run from the shell by Streamlit's AppTest, with real workers behind them."""
