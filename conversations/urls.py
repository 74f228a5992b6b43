"""The addresses that customers' browsers know."""

from django.urls import path

from conversations.widget import shop, views

urlpatterns = [
    path("", shop.shop, name="shop"),
    path("widget.js", views.loader, name="widget-loader"),
    path("widget/panel-<slug:digest>.js", views.panel_script, name="widget-panel-script"),
    path("widget/<slug:key>.json", views.widget_settings, name="widget-settings"),
    path("widget/<slug:key>/panel/", views.panel, name="widget-panel"),
    path("chat/<slug:key>/", views.page, name="widget-page"),
]
