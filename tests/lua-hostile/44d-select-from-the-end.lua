-- expect: error
select(math.mininteger, 1)
