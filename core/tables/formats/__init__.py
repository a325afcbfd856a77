"""Tables in files of other known formats: ARFF, JSON, HTML, LIBSVM, Stata, SAS, and packed files of one table."""
