"""The addresses that customers' browsers know."""

from django.urls import path

from conversations.widget import own_data, shop, team, views

urlpatterns = [
    path("", shop.shop, name="shop"),
    path("widget.js", views.loader, name="widget-loader"),
    path("widget/panel-<slug:digest>.js", views.panel_script, name="widget-panel-script"),
    path("widget/panel-<slug:digest>.css", views.panel_styles, name="widget-panel-styles"),
    path("widget/aside-<slug:digest>.js", views.aside_script, name="widget-aside"),
    path("widget/team-<slug:digest>.js", views.team_script, name="widget-team-script"),
    path("widget/<slug:key>/team/", team.team_message, name="widget-team"),
    path("widget/<slug:key>.json", views.widget_settings, name="widget-settings"),
    path("widget/<slug:key>/panel/", views.panel, name="widget-panel"),
    path(
        "widget/<slug:key>/conversations/<uuid:conversation>/",
        own_data.conversation_erasure,
        name="widget-conversation",
    ),
    path(
        "widget/<slug:key>/conversations/<uuid:conversation>/copy/",
        own_data.conversation_copy,
        name="widget-conversation-copy",
    ),
    path("chat/<slug:key>/", views.page, name="widget-page"),
]
