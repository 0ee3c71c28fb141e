// Package door is what stands before every HTTP request, whether a page or
// the API answers it: is the Host one of ours (DNS rebinding), does a changing
// request come from our own pages (cross-site requests), and who is it. It
// knows nothing of mail.
package door
