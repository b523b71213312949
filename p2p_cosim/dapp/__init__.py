"""A run that people can take part in: one server for a DApp, wallets and whoever watches."""
