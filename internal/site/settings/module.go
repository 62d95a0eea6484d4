package settings

import (
	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

// Module declares settings and pages.
func (s *Site) Module() module.Module {
	return module.Module{
		Name: "settings", Schema: Schema, Words: Words, Actions: Rules, Kinds: []record.Kind{Kind()}, Routes: s.routes, API: s.api,
		Personal: []who.Personal{deed.Columns("settings", "site_setting.changed_by", "site_page.changed_by", "site_page_version.by_person")},
		Nav:      []module.Nav{{Key: "settings.news", Path: "/news", Order: 50, Footer: true}},
	}
}

func (s *Site) routes(r *web.Routes) {
	r.Get("/page/{key}", web.Public, s.show, web.Shared)
	r.Get("/news", web.Public, s.news, web.Shared)
	r.Get("/site/logo", web.Public, s.logo)
	r.Get("/admin/settings", web.Needs("site.settings"), s.form)
	r.Post("/admin/settings", web.Needs("site.settings"), s.change)
	r.Post("/admin/settings/logo", web.Needs("site.settings"), s.changeLogo, web.Body(maxLogo+1<<16), web.Limit(web.Heavy))
	r.Get("/admin/pages", web.Needs("page.write"), s.pages)
	r.Get("/admin/pages/new", web.Needs("page.write"), s.newPage)
	r.Post("/admin/pages/new", web.Needs("page.write"), s.writePage)
	r.Get("/admin/pages/{key}", web.Needs("page.write"), s.editPage)
	r.Post("/admin/pages/{key}", web.Needs("page.write"), s.writePage)
	r.Get("/admin/pages/{key}/versions", web.Needs("page.write"), s.versions)
	r.Get("/admin/pages/{key}/versions/{version}", web.Needs("page.write"), s.version)
}

func (s *Site) api(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/pages/{key}", Access: web.Public, Tag: "pages", Summary: "A page or news item in all its languages"}, s.getPage)
	api.Add(a, api.Op{Method: "GET", Path: "/news", Access: web.Public, Tag: "pages", Summary: "News, the newest first"}, s.getNews)
}
