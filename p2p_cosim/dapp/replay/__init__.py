"""A finished run as pages with a time slider: no EVM, no power flow, nothing but its folder."""
