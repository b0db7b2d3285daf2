-- expect: 2: steps: 1 to 200 steps are expected
return lesson {
  id = "bad", part = "tlb", title = {en="x",zh="某"}, machine = "x86-64", steps = {},
}
