"""Test vectors of whole tasks, for the browser client: inputs, what each stage makes of them, decisions."""
