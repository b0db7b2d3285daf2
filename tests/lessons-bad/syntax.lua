-- expect: 3: unexpected symbol near ','
return lesson {
  id = ,
}
