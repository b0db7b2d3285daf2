-- expect: error read-only
host.answer = 43
