package lint

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k008() Rule {
	return Rule{
		ID: "K008", Severity: Error,
		Title:  "a value over which PM2 itself fails",
		Why:    "PM2 uses some values before it checks them, and fails with a TypeError and a stack of its own, which does not say which key is at fault: exec_mode that is no text, env that is text, exec without a name. Nothing is started.",
		Fix:    "Give the key the type that PM2 works with.",
		Source: "lib/Common.js:713, lib/API.js:988, lib/Common.js:196",
		Apps: func(a App) []Finding {
			switch {
			case a.Rejected != nil && a.Rejected.Threw:
				key := a.Rejected.Keys[0]
				return listOne(a.report(key, "PM2 fails over it: %s.", strings.Join(a.Rejected.Errors, "; ")))
			case a.Raw.Get("env").Is(ecosystem.String) && a.Raw.Get("env").Text != "":
				return listOne(a.report("env", "env is text: PM2 fails when it sets a property of it.").setFix("Write an object: { NAME: \"value\" }."))
			case a.Rejected == nil && a.Ready.Get("script").Truthy() && a.Name == "":
				return listOne(a.report("script", "The app has no name, and PM2 names apps by `script` alone: it fails with a TypeError.").setFix("Give the app a name."))
			}
			return nil
		},
	}
}
