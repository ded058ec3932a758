"""Is a corpus fit to answer from and to practise with? The house rules of `corpus/README.md`."""
