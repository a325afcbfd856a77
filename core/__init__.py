"""Hidden Layers without a browser: data, networks, training, figures and live frames."""
