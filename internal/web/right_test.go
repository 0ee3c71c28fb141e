package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestP10_WhatWasSaidToBeRightIsSeenAndTakenBack: nothing is asked twice, and
// whoever is not asked any more can see why, and change it.
func TestP10_WhatWasSaidToBeRightIsSeenAndTakenBack(t *testing.T) {
	w := newWorld(t)
	w.queue.Rights.Said = []string{"anna@corp.test bob@client.test recipient.twin", "anna@corp.test eve@client.test greeting.mismatch",
		"anna@corp.test eve@client.test rule:<b>late</b>", "jan@corp.test bob@client.test recipient.twin"}
	page := w.get("/people/anna@corp.test")
	w.want(page, "What is not asked again", "bob@client.test", "a namesake", "a greeting that does not fit", "“&lt;b&gt;late&lt;/b&gt;”")
	page = w.press("/people/anna@corp.test/forget", url.Values{"recipient": {"eve@client.test"}, "code": {"greeting.mismatch"}})
	w.want(page, "Taken back. From now on it is asked again.", "a namesake")
	if strings.Contains(page, "a greeting that does not fit") || len(w.queue.Rights.Said) != 3 {
		t.Errorf("it is still there: %v", w.queue.Rights.Said)
	}
	w.press("/people/anna@corp.test/forget", url.Values{"recipient": {"bob@client.test"}, "code": {"recipient.twin"}})
	out := w.do(http.MethodPost, "/people/anna@corp.test/forget", url.Values{"all": {"1"}}, nil)
	if out.Code != http.StatusSeeOther || !slices.Equal(w.queue.Rights.Said, []string{"jan@corp.test bob@client.test recipient.twin"}) {
		t.Errorf("%d, left: %v", out.Code, w.queue.Rights.Said)
	}
}

func TestAFormThatNamesNothingTakesNothingBack(t *testing.T) {
	w := newWorld(t)
	w.queue.Rights.Said = []string{"anna@corp.test bob@client.test recipient.twin"}
	for _, form := range []url.Values{{}, {"recipient": {"bob@client.test"}}, {"code": {"recipient.twin"}}} {
		if out := w.do(http.MethodPost, "/people/anna@corp.test/forget", form, nil); out.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, out.Code)
		}
	}
	if len(w.queue.Rights.Said) != 1 {
		t.Error("it was taken back")
	}
}
