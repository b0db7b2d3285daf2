-- expect: error nil value
_ENV = nil
say("x")
