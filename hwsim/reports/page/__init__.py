"""One page of HTML that holds a result whole: what people look at in place of tables."""
