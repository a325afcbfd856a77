"""What one person's session remembers, one module per subject. Only this package touches `st.session_state`."""
