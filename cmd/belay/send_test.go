package main

import (
	"errors"
	"fmt"
	"net/textproto"
	"testing"
)

func TestARefusalIsShownAsTheServerWroteIt(t *testing.T) {
	err := fmt.Errorf("RCPT: %w", &textproto.Error{Code: 550, Msg: `5.1.1 no "such" address`})
	if got := said(err).Error(); got != `550 5.1.1 no "such" address` {
		t.Errorf("%s", got)
	}
	if lost := errors.New("connection lost"); said(lost) != lost {
		t.Error("what is no refusal was changed")
	}
}
