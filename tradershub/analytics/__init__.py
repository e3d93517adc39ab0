"""Pure performance calculations: columns in, numbers out."""
