"""The admin's cells, for templates: ``{% load cells %}``."""

from django import template

from gateway.admin_parts import cells

register = template.Library()
register.simple_tag(cells.state_cell, name="state")
register.filter("moment", cells.moment_cell)
register.filter("exact", cells.moment_exact)
register.filter("duration", cells.duration)
register.simple_tag(cells.money, name="money")
